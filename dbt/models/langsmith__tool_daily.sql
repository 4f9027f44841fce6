-- A tool that calls a model, or another tool, carries their cost too: the cost here is of subtrees and may overlap.
with tool_call as (
    select
        run.*,
        coalesce(project.name, run.project_name) as named_project,
        {{ langsmith_day('run.start_time') }} as date_day
    from {{ langsmith_stg('run') }} as run
    left join {{ langsmith_stg('project') }} as project
        on run.source_relation = project.source_relation
        and run.project_id = project.project_id
    where run.run_type in ('tool', 'retriever')
),

windowed as (
    select
        *,
        {{ langsmith_percentiles('latency_seconds', 'latency', 'source_relation, date_day, project_id, run_type, name') }}
    from tool_call
)

select
    source_relation,
    date_day,
    project_id,
    max(named_project) as project_name,
    run_type as tool_type,
    name as tool_name,
    count(*) as call_count,
    count(distinct trace_id) as trace_count,
    {{ langsmith_total("case when status = 'error' then 1 else 0 end") }} as error_count,
    {{ langsmith_total("case when status = 'error' then 1 else 0 end") }} / cast(count(*) as {{ langsmith_type('float') }}) as error_rate,
    sum(total_cost) as total_cost,
    {{ langsmith_percentiles_of_group('latency') }}
from windowed
group by source_relation, date_day, project_id, run_type, name
