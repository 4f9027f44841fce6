-- Traces, their runs' number of roots, and their cost are the same in langsmith__trace_daily as in the table of runs.
with reported as (
    select source_relation, project_id, sum(total_cost) as cost, sum(trace_count) as traces
    from {{ ref('langsmith__trace_daily') }}
    group by source_relation, project_id
),

of_roots as (
    select source_relation, project_id, sum(total_cost) as cost, count(*) as traces
    from {{ ref('stg_langsmith__run') }}
    where parent_run_id is null
    group by source_relation, project_id
)

select
    coalesce(reported.source_relation, of_roots.source_relation) as source_relation,
    coalesce(reported.project_id, of_roots.project_id) as project_id,
    reported.cost as reported_cost,
    of_roots.cost as cost_of_roots
from reported
full outer join of_roots
    on reported.source_relation = of_roots.source_relation
    and reported.project_id = of_roots.project_id
where coalesce(reported.cost, 0) != coalesce(of_roots.cost, 0)
    or coalesce(reported.traces, 0) != coalesce(of_roots.traces, 0)
