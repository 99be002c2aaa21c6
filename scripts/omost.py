"""The WebUI looks here for scripts; everything else is in lib_omost."""

from lib_omost.webui.host import refusal

if refusal():
    from lib_omost.webui.refused_script import RefusedScript

    print(refusal())
    __all__ = ["RefusedScript"]
else:
    from lib_omost.webui import metadata, options, page_streams, xyz
    from lib_omost.webui.api import host as api
    from lib_omost.webui.script import OmostScript

    __all__ = ["OmostScript"]

    # Here, as this file alone is run again when the UI is reloaded, which forgets all callbacks.
    api.register()
    metadata.register()
    options.register()
    page_streams.register()
    xyz.register()
