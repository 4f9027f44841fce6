-- Do long conversations cost more for each question?
-- Threads by their number of traces.
select
    case when trace_count = 1 then '1' when trace_count <= 3 then '2-3' else '4 and more' end as questions,
    count(*) as threads,
    round(sum(total_cost) / sum(trace_count), 5) as usd_per_question,
    round(100.0 * sum(case when error_count > 0 then 1 else 0 end) / count(*), 1) as percent_with_an_error
from {{ ref('langsmith__thread') }}
group by case when trace_count = 1 then '1' when trace_count <= 3 then '2-3' else '4 and more' end
order by questions
