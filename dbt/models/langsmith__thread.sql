with windowed as (
    select
        *,
        {{ langsmith_percentiles('latency_seconds', 'latency', 'source_relation, project_id, thread_id') }},
        {{ langsmith_percentiles('time_to_first_token_seconds', 'time_to_first_token', 'source_relation, project_id, thread_id') }}
    from {{ ref('langsmith__trace') }}
    where thread_id is not null
)

select
    source_relation,
    project_id,
    thread_id,
    max(project_name) as project_name,
    count(distinct user_id) as user_count,
    max(user_id) as user_id,
    min(start_time) as first_start_time,
    max(start_time) as last_start_time,
    max(end_time) as last_end_time,
    {{ langsmith_trace_measures() }},
    {{ langsmith_percentiles_of_group('latency') }},
    {{ langsmith_percentiles_of_group('time_to_first_token') }}
from windowed
group by source_relation, project_id, thread_id
