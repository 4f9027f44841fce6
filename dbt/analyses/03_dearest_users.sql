-- Which users cost most?
-- The share is of the cost of all traces that name a user.
with by_user as (
    select user_id, sum(trace_count) as traces, sum(error_count) as errors, sum(total_cost) as cost
    from {{ ref('langsmith__user_daily') }}
    group by user_id
)

select user_id, traces, errors, round(cost, 4) as usd, round(100 * cost / sum(cost) over (), 1) as percent_of_cost
from by_user
order by cost desc
limit 5
