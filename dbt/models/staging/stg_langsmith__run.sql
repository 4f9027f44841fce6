-- Written by `make docs` from langsmith_core/streams/registry.py; do not edit.
{{ config(enabled=var('langsmith_using_run', true)) }}

{{ langsmith.langsmith_staged('run', langsmith.langsmith_run_fallbacks()) }}
