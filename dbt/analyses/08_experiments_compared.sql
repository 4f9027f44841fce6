-- Which experiment is better, and what does the better answer cost?
-- Each later experiment against each earlier one, by the examples that both answered.
select
    experiment_name,
    earlier_experiment_name as against,
    example_count as examples,
    round(score_avg, 2) as score,
    round(earlier_score_avg, 2) as score_before,
    better_count as better,
    worse_count as worse,
    round(cost_per_run_avg, 4) as usd_per_answer,
    round(latency_seconds_avg, 1) as seconds
from {{ ref('langsmith__experiment_comparison') }}
where key = 'correctness'
order by score_avg desc, earlier_score_avg desc
