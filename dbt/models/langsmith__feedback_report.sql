-- Feedback sits on roots and models on children: models and costs are gathered by trace first, so no feedback is counted twice.
with feedback as (
    select
        feedback.*,
        {{ langsmith_day('feedback.created_at') }} as date_day,
        coalesce(feedback.project_id, run.project_id) as judged_project_id,
        coalesce(run.trace_id, feedback.trace_id) as judged_trace_id,
        run.is_root as is_on_root,
        run.project_name as project_name_of_run,
        {{ langsmith_json_scalar('feedback.value') }} as value_text
    from {{ langsmith_stg('feedback') }} as feedback
    left join {{ langsmith_stg('run') }} as run
        on feedback.source_relation = run.source_relation
        and feedback.run_id = run.run_id
),

counted as (
    select
        source_relation,
        date_day,
        key,
        judged_project_id as project_id,
        max(project_name_of_run) as project_name_of_run,
        count(*) as feedback_count,
        count(score) as score_count,
        avg(score) as score_avg,
        min(score) as score_min,
        max(score) as score_max,
        count(value_text) as value_count,
        count(comment) as comment_count,
        {{ langsmith_total("case when correction is not null then 1 else 0 end") }} as correction_count,
        {{ langsmith_total("case when run_id is null then 1 else 0 end") }} as on_project_count,
        {{ langsmith_total("case when is_on_root then 1 else 0 end") }} as on_root_count,
        {{ langsmith_total("case when is_on_root = false then 1 else 0 end") }} as on_child_count,
        {{ langsmith_total("case when source_type = 'app' then 1 else 0 end") }} as from_app_count,
        {{ langsmith_total("case when source_type in ('model', 'auto_eval') then 1 else 0 end") }} as from_evaluator_count,
        count(distinct run_id) as judged_run_count,
        count(distinct judged_trace_id) as judged_trace_count
    from feedback
    group by source_relation, date_day, key, judged_project_id
),

judged_trace as (
    select distinct source_relation, date_day, key, judged_project_id, judged_trace_id
    from feedback
),

of_traces as (
    select judged_trace.source_relation, judged_trace.date_day, judged_trace.key, judged_trace.judged_project_id,
        sum(trace.total_cost) as judged_trace_cost
    from judged_trace
    inner join {{ ref('langsmith__trace') }} as trace
        on judged_trace.source_relation = trace.source_relation
        and judged_trace.judged_trace_id = trace.trace_id
    group by judged_trace.source_relation, judged_trace.date_day, judged_trace.key, judged_trace.judged_project_id
),

of_models as (
    select judged_trace.source_relation, judged_trace.date_day, judged_trace.key, judged_trace.judged_project_id,
        string_agg(distinct model_call.model_name, ', ' order by model_call.model_name) as models_used
    from judged_trace
    inner join {{ ref('int_langsmith__model_call') }} as model_call
        on judged_trace.source_relation = model_call.source_relation
        and judged_trace.judged_trace_id = model_call.trace_id
    group by judged_trace.source_relation, judged_trace.date_day, judged_trace.key, judged_trace.judged_project_id
)

select
    counted.source_relation,
    counted.date_day,
    counted.key,
    counted.project_id,
    coalesce(project.name, counted.project_name_of_run) as project_name,
    config.type as key_type,
    config.is_lower_score_better,
    counted.feedback_count,
    counted.score_count,
    counted.score_avg,
    counted.score_min,
    counted.score_max,
    counted.value_count,
    counted.comment_count,
    counted.correction_count,
    counted.on_project_count,
    counted.on_root_count,
    counted.on_child_count,
    counted.from_app_count,
    counted.from_evaluator_count,
    counted.judged_run_count,
    counted.judged_trace_count,
    of_traces.judged_trace_cost,
    of_models.models_used
from counted
left join of_traces
    on counted.source_relation = of_traces.source_relation
    and counted.date_day = of_traces.date_day
    and counted.key = of_traces.key
    and counted.project_id = of_traces.judged_project_id
left join of_models
    on counted.source_relation = of_models.source_relation
    and counted.date_day = of_models.date_day
    and counted.key = of_models.key
    and counted.project_id = of_models.judged_project_id
left join {{ langsmith_stg('project') }} as project
    on counted.source_relation = project.source_relation
    and counted.project_id = project.project_id
left join {{ langsmith_stg('feedback_config') }} as config
    on counted.source_relation = config.source_relation
    and counted.key = config.feedback_key
