-- Written by `make docs` from langsmith_core/streams/registry.py; do not edit.
{{ config(enabled=var('langsmith_using_usage_day', true)) }}

{{ langsmith.langsmith_staged('usage_day') }}
