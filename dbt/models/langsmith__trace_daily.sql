with windowed as (
    select
        *,
        {{ langsmith_percentiles('latency_seconds', 'latency', 'source_relation, date_day, project_id') }},
        {{ langsmith_percentiles('time_to_first_token_seconds', 'time_to_first_token', 'source_relation, date_day, project_id') }}
    from {{ ref('langsmith__trace') }}
)

select
    source_relation,
    date_day,
    project_id,
    max(project_name) as project_name,
    count(distinct user_id) as user_count,
    count(distinct thread_id) as thread_count,
    {{ langsmith_trace_measures() }},
    {{ langsmith_percentiles_of_group('latency') }},
    {{ langsmith_percentiles_of_group('time_to_first_token') }}
from windowed
group by source_relation, date_day, project_id
