"""Vision without a framework: images in, frozen dataclasses out.

Nothing below knows Django, a database or a request. Serving modules (`labels`, `decode`, `card`, `colour`, `segment`,
`predictor`) import no torch, so that a web or worker process stays small; training modules do.
"""
