-- The report counts each live row of feedback once.
{{ config(enabled=var('langsmith_using_feedback', true)) }}

with reported as (
    select source_relation, sum(feedback_count) as counted
    from {{ ref('langsmith__feedback_report') }}
    group by source_relation
),

given as (
    select source_relation, count(*) as counted
    from {{ ref('stg_langsmith__feedback') }}
    group by source_relation
)

select coalesce(reported.source_relation, given.source_relation) as source_relation, reported.counted as reported, given.counted as given
from reported
full outer join given on reported.source_relation = given.source_relation
where coalesce(reported.counted, 0) != coalesce(given.counted, 0)
