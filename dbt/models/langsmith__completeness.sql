-- What the check of what is missing found. A place without a verdict (a Fivetran destination has none, nor has one whose first check
-- is to come) is compared here: what LangSmith counted when it was last listed, and the rows that are there.
with checked as (
    select
        source_relation,
        table_name,
        parent_id,
        parent_name,
        {{ adapter.dispatch('langsmith_day', 'langsmith')('day', 'UTC') }} as date_day,
        source as source_count,
        destination as destination_count,
        verdict,
        checked_at
    from {{ langsmith_stg('completeness') }}
),

run_count as (
    select source_relation, project_id, count(*) as row_count
    from {{ langsmith_stg('run') }}
    group by source_relation, project_id
),

feedback_count as (
    select source_relation, project_id, count(*) as row_count
    from {{ langsmith_stg('feedback') }}
    where run_id is not null
    group by source_relation, project_id
),

example_count as (
    select source_relation, dataset_id, count(*) as row_count
    from {{ langsmith_stg('example') }}
    group by source_relation, dataset_id
),

listed as (
    select
        project.source_relation,
        'langsmith_run' as table_name,
        project.project_id as parent_id,
        project.name as parent_name,
        project.run_count as source_count,
        run_count.row_count,
        'run_count' as counted_by
    from {{ langsmith_stg('project') }} as project
    left join run_count
        on project.source_relation = run_count.source_relation
        and project.project_id = run_count.project_id
    union all
    select
        project.source_relation,
        'langsmith_feedback',
        project.project_id,
        project.name,
        -- A project without statistics has no feedback, unless LangSmith served no counter of it.
        coalesce({{ langsmith_feedback_total('project.feedback_stats') }}, case when project.run_count is not null then 0 end),
        feedback_count.row_count,
        'feedback_stats'
    from {{ langsmith_stg('project') }} as project
    left join feedback_count
        on project.source_relation = feedback_count.source_relation
        and project.project_id = feedback_count.project_id
    union all
    select
        dataset.source_relation,
        'langsmith_example',
        dataset.dataset_id,
        dataset.name,
        dataset.example_count,
        example_count.row_count,
        'example_count'
    from {{ langsmith_stg('dataset') }} as dataset
    left join example_count
        on dataset.source_relation = example_count.source_relation
        and dataset.dataset_id = example_count.dataset_id
),

compared as (
    select
        *,
        coalesce(row_count, 0) as destination_count,
        max(row_count) over (partition by source_relation, table_name) is not null as is_synced
    from listed
    where source_relation not in (select source_relation from checked)
),

judged as (
    select source_relation, table_name, parent_id, parent_name, date_day, source_count, destination_count, verdict, checked_at,
        'check' as counted_by
    from checked
    union all
    select source_relation, table_name, parent_id, parent_name, cast(null as date), source_count, destination_count,
        case
            when source_count is null or (source_count > 0 and not is_synced) then 'unknown'
            when destination_count >= source_count then 'complete'
            else 'fewer'
        end,
        cast(null as {{ langsmith_type('timestamp') }}),
        counted_by
    from compared
)

select
    source_relation,
    table_name,
    parent_id,
    parent_name,
    date_day,
    source_count,
    destination_count,
    case
        when destination_count < source_count then source_count - destination_count
        when source_count is not null then 0
    end as missing_count,
    verdict,
    counted_by,
    checked_at
from judged
