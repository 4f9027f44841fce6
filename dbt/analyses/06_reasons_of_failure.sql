-- Why do traces fail, and what did the failed ones cost?
-- A trace fails when its root fails. A call that succeeds on a retry does not count as a failure.
select project_name, coalesce(error_type, 'not told') as error_type, count(*) as traces, round(sum(total_cost), 4) as usd
from {{ ref('langsmith__trace') }}
where is_error
group by project_name, coalesce(error_type, 'not told')
order by traces desc, project_name, error_type
