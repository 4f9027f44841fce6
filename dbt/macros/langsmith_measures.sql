{# Columns that several daily models share. #}

{# The three percentiles of a value, as window functions: `<name>_p50` and so on. #}
{% macro langsmith_percentiles(value, name, partition) -%}
  {{ langsmith.langsmith_percentile(value, 0.5, partition) }} as {{ name }}_p50,
  {{ langsmith.langsmith_percentile(value, 0.95, partition) }} as {{ name }}_p95,
  {{ langsmith.langsmith_percentile(value, 0.99, partition) }} as {{ name }}_p99
{%- endmacro %}

{# The same columns out of the window, by group. #}
{% macro langsmith_percentiles_of_group(name) -%}
  max({{ name }}_p50) as {{ name }}_p50, max({{ name }}_p95) as {{ name }}_p95, max({{ name }}_p99) as {{ name }}_p99
{%- endmacro %}

{# Counts, tokens and cost of traces by group. Percentiles and names stand in the models. #}
{% macro langsmith_trace_measures() -%}
  count(*) as trace_count,
  {{ langsmith.langsmith_total("case when status = 'pending' then 1 else 0 end") }} as pending_trace_count,
  {{ langsmith.langsmith_total("case when is_error then 1 else 0 end") }} as error_count,
  {{ langsmith.langsmith_total("case when is_error then 1 else 0 end") }} / cast(count(*) as {{ langsmith.langsmith_type('float') }}) as error_rate,
  {{ langsmith.langsmith_total("run_count") }} as run_count,
  {{ langsmith.langsmith_total("model_call_count") }} as model_call_count,
  {{ langsmith.langsmith_total("tool_call_count") }} as tool_call_count,
  {{ langsmith.langsmith_total("feedback_count") }} as feedback_count,
  {{ langsmith.langsmith_total("total_tokens") }} as total_tokens,
  {{ langsmith.langsmith_total("prompt_tokens") }} as prompt_tokens,
  {{ langsmith.langsmith_total("completion_tokens") }} as completion_tokens,
  sum(total_cost) as total_cost
{%- endmacro %}

{# A sum of whole numbers as a plain integer: DuckDB's is of 128 bits, which other programs read as a floating-point number. #}
{% macro langsmith_total(value) %}cast(sum({{ value }}) as {{ langsmith.langsmith_type('integer') }}){% endmacro %}
