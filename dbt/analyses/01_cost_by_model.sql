-- What does each model cost, and what is spent on other things?
-- The row without a model holds tools, retrievers and all other costs. The rows together are the cost of all traces.
select
    coalesce(model_name, 'no model') as model,
    sum(model_call_count) as calls,
    sum(tokens) as tokens,
    round(sum(cost), 4) as usd
from {{ ref('langsmith__cost_usage_report') }}
group by coalesce(model_name, 'no model')
order by usd desc
