-- Every two experiments on one dataset, the later one against the earlier, over the examples that both have a score for.
with result as (
    select *
    from {{ ref('langsmith__experiment_result') }}
    where score is not null
),

pair as (
    select
        later.*,
        earlier.experiment_id as earlier_experiment_id,
        earlier.experiment_name as earlier_experiment_name,
        earlier.score as earlier_score,
        earlier.latency_seconds as earlier_latency_seconds,
        earlier.total_cost / earlier.run_count as earlier_cost_per_run,
        case when coalesce(config.is_lower_score_better, false) then -1 else 1 end as direction
    from result as later
    inner join result as earlier
        on later.source_relation = earlier.source_relation
        and later.dataset_id = earlier.dataset_id
        and later.example_id = earlier.example_id
        and later.key = earlier.key
        and (
            later.experiment_start_time > earlier.experiment_start_time
            or (later.experiment_start_time = earlier.experiment_start_time and later.experiment_id > earlier.experiment_id)
        )
    left join {{ langsmith_stg('feedback_config') }} as config
        on later.source_relation = config.source_relation
        and later.key = config.feedback_key
)

select
    source_relation,
    dataset_id,
    experiment_id,
    earlier_experiment_id,
    key,
    max(dataset_name) as dataset_name,
    max(experiment_name) as experiment_name,
    max(earlier_experiment_name) as earlier_experiment_name,
    count(*) as example_count,
    avg(score) as score_avg,
    avg(earlier_score) as earlier_score_avg,
    avg(score - earlier_score) as score_change_avg,
    {{ langsmith_total("case when (score - earlier_score) * direction > 0 then 1 else 0 end") }} as better_count,
    {{ langsmith_total("case when score = earlier_score then 1 else 0 end") }} as same_count,
    {{ langsmith_total("case when (score - earlier_score) * direction < 0 then 1 else 0 end") }} as worse_count,
    avg(latency_seconds) as latency_seconds_avg,
    avg(earlier_latency_seconds) as earlier_latency_seconds_avg,
    avg(total_cost / run_count) as cost_per_run_avg,
    avg(earlier_cost_per_run) as earlier_cost_per_run_avg
from pair
group by source_relation, dataset_id, experiment_id, earlier_experiment_id, key
