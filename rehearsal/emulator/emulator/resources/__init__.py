"""The resource types that the rehearsal adds, one module a service."""
