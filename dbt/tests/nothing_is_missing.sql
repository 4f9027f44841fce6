-- LangSmith counted more rows than there are, also after the check had them read again.
{{ config(severity=var('langsmith_completeness_severity', 'error')) }}

select source_relation, table_name, parent_id, parent_name, date_day, source_count, destination_count, missing_count, checked_at
from {{ ref('langsmith__completeness') }}
where verdict = 'gap'
