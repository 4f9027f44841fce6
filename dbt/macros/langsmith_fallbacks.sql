{# What stands in for a column of runs that is null: tables from before the column was there have null in older rows.
   Each is an expression over other columns of the row, as ('metadata', key) or as (kind, column, ...). #}
{% macro langsmith_run_fallbacks() %}
  {{ return({
    'model_name': ['metadata', 'ls_model_name'],
    'model_provider': ['metadata', 'ls_provider'],
    'prompt_commit': ['metadata', 'lc_hub_commit_hash'],
    'user_id': ['metadata', var('langsmith_user_id_metadata_key', 'user_id')],
    'environment': ['metadata', var('langsmith_environment_metadata_key', 'environment')],
    'is_root': ['is_null', 'parent_run_id'],
    'latency_seconds': ['seconds', 'start_time', 'end_time'],
    'time_to_first_token_seconds': ['seconds', 'start_time', 'first_token_time'],
  }) }}
{% endmacro %}

{% macro langsmith_fallback(rule, types) %}
  {%- if rule[0] == 'metadata' -%}
    {{ langsmith.langsmith_json_text(langsmith.langsmith_read('metadata', types.get('metadata'), 'json'), rule[1]) }}
  {%- elif rule[0] == 'is_null' -%} t.{{ rule[1] }} is null
  {%- else -%}
    {{ langsmith.langsmith_seconds(langsmith.langsmith_read(rule[1], types.get(rule[1]), 'timestamp'),
                                   langsmith.langsmith_read(rule[2], types.get(rule[2]), 'timestamp')) }}
  {%- endif -%}
{% endmacro %}
