-- Each experiment and example of the results has a root run that answers it there, and as many as the result says.
with answered as (
    select run.source_relation, run.project_id, run.reference_example_id, count(*) as runs
    from {{ ref('stg_langsmith__run') }} as run
    inner join {{ ref('stg_langsmith__project') }} as project
        on run.source_relation = project.source_relation
        and run.project_id = project.project_id
    where run.parent_run_id is null
        and run.reference_example_id is not null
        and project.reference_dataset_id is not null
    group by run.source_relation, run.project_id, run.reference_example_id
),

told as (
    select source_relation, experiment_id, example_id, max(run_count) as runs
    from {{ ref('langsmith__experiment_result') }}
    group by source_relation, experiment_id, example_id
)

select
    coalesce(told.source_relation, answered.source_relation) as source_relation,
    coalesce(told.experiment_id, answered.project_id) as experiment_id,
    coalesce(told.example_id, answered.reference_example_id) as example_id,
    told.runs as runs_told,
    answered.runs as runs_found
from told
full outer join answered
    on told.source_relation = answered.source_relation
    and told.experiment_id = answered.project_id
    and told.example_id = answered.reference_example_id
where coalesce(told.runs, 0) != coalesce(answered.runs, 0)
