-- Tokens and cost are the root's own columns, which LangSmith gives as totals of the subtree.
with run as (
    select *
    from {{ langsmith_stg('run') }} as run
),

of_runs as (
    select
        source_relation,
        trace_id,
        count(*) as run_count,
        {{ langsmith_total("case when run_type in ('tool', 'retriever') then 1 else 0 end") }} as tool_call_count,
        {{ langsmith_total("case when status = 'error' then 1 else 0 end") }} as error_run_count,
        max(thread_id) as thread_id,
        max(user_id) as user_id,
        max(environment) as environment,
        string_agg(distinct prompt_commit, ', ' order by prompt_commit) as prompt_commits
    from run
    group by source_relation, trace_id
),

of_model_calls as (
    select
        source_relation,
        trace_id,
        count(*) as model_call_count,
        sum(total_cost) as model_call_cost,
        string_agg(distinct model_name, ', ' order by model_name) as models_used,
        string_agg(distinct model_provider, ', ' order by model_provider) as providers_used
    from {{ ref('int_langsmith__model_call') }}
    group by source_relation, trace_id
),

of_feedback as (
    select
        source_relation,
        trace_id,
        {{ langsmith_total("feedback_count") }} as feedback_count,
        string_agg(distinct key, ', ' order by key) as feedback_keys
    from {{ ref('int_langsmith__trace_feedback') }}
    group by source_relation, trace_id
)

select
    root.source_relation,
    root.run_id as trace_id,
    root.project_id,
    coalesce(project.name, root.project_name) as project_name,
    root.name,
    {{ langsmith_day('root.start_time') }} as date_day,
    root.start_time,
    root.end_time,
    root.status,
    root.status = 'error' as is_error,
    root.error,
    root.error_type,
    root.latency_seconds,
    root.time_to_first_token_seconds,
    -- Metadata is not passed on from parent to child, and a thread or user may stand on either.
    coalesce(root.thread_id, of_runs.thread_id) as thread_id,
    coalesce(root.user_id, of_runs.user_id) as user_id,
    coalesce(root.environment, of_runs.environment) as environment,
    of_runs.prompt_commits,
    root.tags,
    root.reference_example_id,
    root.total_tokens,
    root.prompt_tokens,
    root.completion_tokens,
    root.total_cost,
    root.prompt_cost,
    root.completion_cost,
    of_model_calls.model_call_cost,
    of_model_calls.models_used,
    of_model_calls.providers_used,
    of_runs.run_count,
    of_runs.tool_call_count,
    of_runs.error_run_count,
    coalesce(of_model_calls.model_call_count, 0) as model_call_count,
    coalesce(of_feedback.feedback_count, 0) as feedback_count,
    of_feedback.feedback_keys
from run as root
left join of_runs
    on root.source_relation = of_runs.source_relation
    and root.run_id = of_runs.trace_id
left join of_model_calls
    on root.source_relation = of_model_calls.source_relation
    and root.run_id = of_model_calls.trace_id
left join of_feedback
    on root.source_relation = of_feedback.source_relation
    and root.run_id = of_feedback.trace_id
left join {{ langsmith_stg('project') }} as project
    on root.source_relation = project.source_relation
    and root.project_id = project.project_id
where root.is_root
