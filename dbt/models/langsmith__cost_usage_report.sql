-- Each call is dated by its trace's start, so that a trace over midnight has all of its cost on one day.
-- Calls whose root run is not in the table are left out: the sum is that of the roots.
with trace as (
    select *
    from {{ ref('langsmith__trace') }}
),

model_call as (
    select
        trace.date_day as trace_day,
        trace.project_id as trace_project_id,
        model_call.*
    from {{ ref('int_langsmith__model_call') }} as model_call
    inner join trace
        on model_call.source_relation = trace.source_relation
        and model_call.trace_id = trace.trace_id
),

by_model as (
    select
        source_relation,
        trace_day as date_day,
        trace_project_id as project_id,
        model_provider,
        model_name,
        count(*) as model_call_count,
        {{ langsmith_total("case when total_cost is null then 1 else 0 end") }} as unpriced_model_call_count,
        {{ langsmith_total("prompt_tokens") }} as prompt_tokens,
        {{ langsmith_total("completion_tokens") }} as completion_tokens,
        sum(prompt_cost) as prompt_cost,
        sum(completion_cost) as completion_cost,
        sum(total_cost - coalesce(prompt_cost, 0) - coalesce(completion_cost, 0)) as rest
    from model_call
    group by source_relation, trace_day, trace_project_id, model_provider, model_name
),

of_models as (
    select
        source_relation, date_day, project_id, model_provider, model_name, 'prompt' as cost_type,
        prompt_cost as cost, prompt_tokens as tokens, model_call_count, unpriced_model_call_count
    from by_model
    union all
    select
        source_relation, date_day, project_id, model_provider, model_name, 'completion',
        completion_cost, completion_tokens, null, null
    from by_model
    union all
    select
        source_relation, date_day, project_id, model_provider, model_name, 'other',
        rest, null, null, null
    from by_model
    where rest != 0
),

of_roots as (
    select source_relation, date_day, project_id, max(project_name) as project_name, sum(total_cost) as cost
    from trace
    group by source_relation, date_day, project_id
),

attributed as (
    select source_relation, date_day, project_id, sum(cost) as cost
    from of_models
    group by source_relation, date_day, project_id
),

-- Tools, retrievers and whatever else costs. Below zero where a root carries less than its calls, as while it is unfinished.
of_others as (
    select
        of_roots.source_relation, of_roots.date_day, of_roots.project_id,
        coalesce(of_roots.cost, 0) - coalesce(attributed.cost, 0) as cost
    from of_roots
    left join attributed
        on of_roots.source_relation = attributed.source_relation
        and of_roots.date_day = attributed.date_day
        and of_roots.project_id = attributed.project_id
),

together as (
    select * from of_models
    union all
    select source_relation, date_day, project_id, null, null, 'other', cost, null, null, null
    from of_others
    where cost != 0
)

select
    together.source_relation,
    together.date_day,
    together.project_id,
    of_roots.project_name,
    together.model_provider,
    together.model_name,
    together.cost_type,
    together.cost,
    together.tokens,
    together.model_call_count,
    together.unpriced_model_call_count
from together
left join of_roots
    on together.source_relation = of_roots.source_relation
    and together.date_day = of_roots.date_day
    and together.project_id = of_roots.project_id
