"""The WebUI looks here for scripts; everything else is in lib_omost."""

from lib_omost.program.current import set_program
from lib_omost.webui.host_detection import refusal
from lib_omost.webui.services import PROGRAM

set_program(PROGRAM)

if refusal():
    from lib_omost.webui.refused_script import RefusedScript

    print(refusal())
    __all__ = ["RefusedScript"]
else:
    from lib_omost.ui import page_streams
    from lib_omost.webui import api_registration as api
    from lib_omost.webui import (
        folder_batch,
        infotext_pasting,
        picture_parts,
        script_results,
        settings_section,
        xyz_axes,
    )
    from lib_omost.webui.script import OmostScript

    __all__ = ["OmostScript"]

    # Here, as this file alone is run again when the UI is reloaded, which forgets all callbacks.
    api.register(PROGRAM)
    folder_batch.register(PROGRAM)
    infotext_pasting.register(PROGRAM)
    settings_section.register(PROGRAM)
    page_streams.register(PROGRAM)
    xyz_axes.register()
    picture_parts.register()
    script_results.register()
