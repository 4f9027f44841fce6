-- Where no check has run: LangSmith counted more rows when it listed the project or dataset. A sync under way explains it, and so do
-- START_TIME and PROJECTS, which leave rows out.
{{ config(severity='warn') }}

select source_relation, table_name, parent_id, parent_name, source_count, destination_count, missing_count, counted_by
from {{ ref('langsmith__completeness') }}
where verdict = 'fewer'
