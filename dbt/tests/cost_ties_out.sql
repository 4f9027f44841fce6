-- The report's cost is that of the root runs: by day and project, to the last digit.
with reported as (
    select source_relation, date_day, project_id, sum(cost) as cost
    from {{ ref('langsmith__cost_usage_report') }}
    group by source_relation, date_day, project_id
),

of_roots as (
    select source_relation, {{ langsmith_day('start_time') }} as date_day, project_id, sum(total_cost) as cost
    from {{ ref('stg_langsmith__run') }}
    where parent_run_id is null
    group by 1, 2, 3
)

select
    coalesce(reported.source_relation, of_roots.source_relation) as source_relation,
    coalesce(reported.date_day, of_roots.date_day) as date_day,
    coalesce(reported.project_id, of_roots.project_id) as project_id,
    reported.cost as reported_cost,
    of_roots.cost as cost_of_roots
from reported
full outer join of_roots
    on reported.source_relation = of_roots.source_relation
    and reported.date_day = of_roots.date_day
    and reported.project_id = of_roots.project_id
where coalesce(reported.cost, 0) != coalesce(of_roots.cost, 0)
