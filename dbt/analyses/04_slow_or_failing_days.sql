-- When was an application slow, or failing?
-- Days on which a tenth of a project's traces failed, or half of them took more than ten seconds.
select
    date_day,
    project_name,
    trace_count as traces,
    round(100 * error_rate, 1) as percent_failed,
    round(latency_p50, 1) as p50_seconds,
    round(latency_p95, 1) as p95_seconds,
    round(time_to_first_token_p50, 2) as p50_first_token
from {{ ref('langsmith__trace_daily') }}
where trace_count >= 5 and (error_rate >= 0.1 or latency_p50 > 10)
order by date_day, project_name
