-- Which tools fail, and how long do they keep us waiting?
-- The last column is the slowest day's 95th percentile: percentiles of days cannot be averaged.
select
    tool_name,
    tool_type,
    sum(call_count) as calls,
    sum(error_count) as failed,
    round(100.0 * sum(error_count) / sum(call_count), 1) as percent_failed,
    round(sum(total_cost), 4) as usd,
    round(max(latency_p95), 2) as worst_p95_seconds
from {{ ref('langsmith__tool_daily') }}
group by tool_name, tool_type
order by percent_failed desc, tool_name
