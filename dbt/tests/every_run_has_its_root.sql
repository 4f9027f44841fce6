-- A run without its root is in no trace and in no cost. langsmith_runs_without_root says how many are expected: a sync with
-- START_TIME reads children of traces that began before it.
{{ config(error_if='> ' ~ var('langsmith_runs_without_root', 0), warn_if='> ' ~ var('langsmith_runs_without_root', 0)) }}

select run.source_relation, run.run_id, run.trace_id
from {{ ref('stg_langsmith__run') }} as run
left join {{ ref('stg_langsmith__run') }} as root
    on run.source_relation = root.source_relation
    and run.trace_id = root.run_id
    and root.parent_run_id is null
where run.parent_run_id is not null
    and root.run_id is null
