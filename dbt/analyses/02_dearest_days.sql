-- On which days did we spend most, and on what?
-- The five dearest days of a project.
select date_day, project_name, trace_count as traces, round(total_cost, 4) as usd, round(total_cost / trace_count, 4) as usd_per_trace
from {{ ref('langsmith__trace_daily') }}
order by total_cost desc, date_day
limit 5
