-- The root runs that answer an example, in the experiments that are still there. An experiment may answer an example several times.
select
    run.source_relation,
    run.run_id,
    run.project_id as experiment_id,
    project.name as experiment_name,
    project.start_time as experiment_start_time,
    project.reference_dataset_id as dataset_id,
    run.reference_example_id as example_id,
    run.start_time,
    run.status,
    run.error,
    run.inputs,
    run.outputs,
    run.latency_seconds,
    run.total_tokens,
    run.total_cost,
    row_number() over (
        partition by run.source_relation, run.project_id, run.reference_example_id
        order by run.start_time desc, run.run_id desc
    ) as place_from_newest
from {{ langsmith_stg('run') }} as run
inner join {{ langsmith_stg('project') }} as project
    on run.source_relation = project.source_relation
    and run.project_id = project.project_id
where run.is_root
    and run.reference_example_id is not null
    and project.reference_dataset_id is not null
