-- Which examples did an experiment answer worse than the one before it?
-- Each row is an answer to look at: `input`, `reference` and `output` of the table hold the texts.
select
    result.experiment_name,
    baseline.experiment_name as against,
    result.example_id,
    result.baseline_score as score_before,
    result.score
from {{ ref('langsmith__experiment_result') }} as result
left join (
    select distinct source_relation, experiment_id, experiment_name
    from {{ ref('langsmith__experiment_result') }}
) as baseline
    on result.source_relation = baseline.source_relation
    and result.baseline_experiment_id = baseline.experiment_id
where result.key = 'correctness' and result.comparison = 'worse'
order by result.experiment_name, result.example_id
