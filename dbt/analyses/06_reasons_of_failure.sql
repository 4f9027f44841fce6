-- Why do traces fail, and what did the failed ones cost?
-- A trace fails when its root does. A call that was tried again with success is no failure here.
select project_name, coalesce(error_type, 'not told') as error_type, count(*) as traces, round(sum(total_cost), 4) as usd
from {{ ref('langsmith__trace') }}
where is_error
group by project_name, coalesce(error_type, 'not told')
order by traces desc, project_name, error_type
