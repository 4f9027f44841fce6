-- Rows come from runs that answer an example, never from the dataset: an example that no run answered has no row here.
with experiment_run as (
    select *
    from {{ ref('int_langsmith__experiment_run') }}
),

of_examples as (
    select
        source_relation,
        experiment_id,
        example_id,
        count(*) as run_count,
        {{ langsmith_total("case when status = 'error' then 1 else 0 end") }} as error_count,
        avg(latency_seconds) as latency_seconds,
        {{ langsmith_total("total_tokens") }} as total_tokens,
        sum(total_cost) as total_cost
    from experiment_run
    group by source_relation, experiment_id, example_id
),

-- Each repetition counts the same, however many scores it has.
of_runs as (
    select
        experiment_run.source_relation,
        experiment_run.experiment_id,
        experiment_run.example_id,
        experiment_run.run_id,
        feedback.key,
        avg(feedback.score) as score,
        max({{ langsmith_json_scalar('feedback.value') }}) as value_text,
        count(*) as feedback_count
    from experiment_run
    inner join {{ langsmith_stg('feedback') }} as feedback
        on experiment_run.source_relation = feedback.source_relation
        and experiment_run.run_id = feedback.run_id
    group by
        experiment_run.source_relation, experiment_run.experiment_id, experiment_run.example_id, experiment_run.run_id, feedback.key
),

scored as (
    select
        source_relation,
        experiment_id,
        example_id,
        key,
        avg(score) as score,
        count(score) as scored_run_count,
        string_agg(distinct value_text, ', ' order by value_text) as value_text,
        {{ langsmith_total("feedback_count") }} as feedback_count
    from of_runs
    group by source_relation, experiment_id, example_id, key
),

experiment as (
    select
        source_relation, experiment_id, experiment_name, experiment_start_time, dataset_id,
        lag(experiment_id) over (
            partition by source_relation, dataset_id order by experiment_start_time, experiment_id
        ) as previous_experiment_id
    from (
        select distinct source_relation, experiment_id, experiment_name, experiment_start_time, dataset_id
        from experiment_run
    ) as started
),

-- What an experiment is compared with: the one that is named, else the one before it on the same dataset.
compared as (
    select
        experiment.*,
        {% if var('langsmith_baseline_experiment', none) -%}
        case when named.experiment_id != experiment.experiment_id then named.experiment_id end as baseline_experiment_id
        {%- else -%}
        experiment.previous_experiment_id as baseline_experiment_id
        {%- endif %}
    from experiment
    {% if var('langsmith_baseline_experiment', none) %}
    left join experiment as named
        on experiment.source_relation = named.source_relation
        and experiment.dataset_id = named.dataset_id
        and named.experiment_name = '{{ var("langsmith_baseline_experiment") | replace("'", "''") if target.type != "bigquery" else var("langsmith_baseline_experiment") | replace("'", "\\'") }}'
    {% endif %}
)

select
    compared.source_relation,
    compared.experiment_id,
    compared.experiment_name,
    compared.experiment_start_time,
    compared.dataset_id,
    dataset.name as dataset_name,
    newest.example_id,
    scored.key,
    newest.run_id as newest_run_id,
    coalesce(newest.inputs, example.inputs) as input,
    example.outputs as reference,
    newest.outputs as output,
    newest.error,
    example.example_id is null as is_example_deleted,
    coalesce(example.updated_at > newest.start_time, false) as is_example_changed_since,
    scored.score,
    scored.value_text,
    coalesce(scored.scored_run_count, 0) as scored_run_count,
    coalesce(scored.feedback_count, 0) as feedback_count,
    of_examples.run_count,
    of_examples.error_count,
    of_examples.latency_seconds,
    of_examples.total_tokens,
    of_examples.total_cost,
    compared.baseline_experiment_id,
    baseline.score as baseline_score,
    scored.score - baseline.score as score_change,
    case
        when scored.score is null or baseline.score is null then null
        when scored.score = baseline.score then 'same'
        when (scored.score < baseline.score) = coalesce(config.is_lower_score_better, false) then 'better'
        else 'worse'
    end as comparison
from experiment_run as newest
inner join compared
    on newest.source_relation = compared.source_relation
    and newest.experiment_id = compared.experiment_id
inner join of_examples
    on newest.source_relation = of_examples.source_relation
    and newest.experiment_id = of_examples.experiment_id
    and newest.example_id = of_examples.example_id
left join scored
    on newest.source_relation = scored.source_relation
    and newest.experiment_id = scored.experiment_id
    and newest.example_id = scored.example_id
left join scored as baseline
    on compared.source_relation = baseline.source_relation
    and compared.baseline_experiment_id = baseline.experiment_id
    and newest.example_id = baseline.example_id
    and scored.key = baseline.key
left join {{ langsmith_stg('example') }} as example
    on newest.source_relation = example.source_relation
    and newest.example_id = example.example_id
left join {{ langsmith_stg('dataset') }} as dataset
    on compared.source_relation = dataset.source_relation
    and compared.dataset_id = dataset.dataset_id
left join {{ langsmith_stg('feedback_config') }} as config
    on scored.source_relation = config.source_relation
    and scored.key = config.feedback_key
where newest.place_from_newest = 1
