"""An OpenAPI document for programs and, as a page, for people; for every service that has one."""
