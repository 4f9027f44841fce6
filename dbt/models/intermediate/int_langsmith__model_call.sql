-- An llm run inside another one, at whatever depth, is a part of that call: its tokens and cost are in the upper one's.
with llm_run as (
    select *
    from {{ langsmith_stg('run') }} as run
    where run_type = 'llm'
),

above as (
    select llm_run.source_relation, llm_run.run_id, substr(step, strpos(step, 'Z') + 1) as above_run_id
    from llm_run
    {{ langsmith_ancestors('llm_run.dotted_order') }}
    union all
    select source_relation, run_id, parent_run_id as above_run_id
    from llm_run
),

inner_run as (
    select distinct above.source_relation, above.run_id
    from above
    inner join llm_run as upper_run
        on above.source_relation = upper_run.source_relation
        and above.above_run_id = upper_run.run_id
    where above.run_id != upper_run.run_id
)

select
    llm_run.source_relation,
    llm_run.run_id,
    llm_run.trace_id,
    llm_run.parent_run_id,
    llm_run.project_id,
    llm_run.name,
    coalesce(llm_run.model_provider, 'unknown') as model_provider,
    coalesce(llm_run.model_name, 'unknown') as model_name,
    llm_run.prompt_commit,
    llm_run.start_time,
    llm_run.end_time,
    {{ langsmith_day('llm_run.start_time') }} as date_day,
    llm_run.status,
    llm_run.error_type,
    llm_run.latency_seconds,
    llm_run.time_to_first_token_seconds,
    llm_run.total_tokens,
    llm_run.prompt_tokens,
    llm_run.completion_tokens,
    llm_run.total_cost,
    llm_run.prompt_cost,
    llm_run.completion_cost
from llm_run
left join inner_run
    on llm_run.source_relation = inner_run.source_relation
    and llm_run.run_id = inner_run.run_id
where inner_run.run_id is null
