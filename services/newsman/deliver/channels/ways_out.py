"""All channels of this room: each file that has an `open_channel`."""

import pkgutil
from importlib import import_module

from newsman.deliver import channels
from newsman.deliver.channels.channel import Channel, ChannelContext


def open_channels(context: ChannelContext) -> dict[str, Channel]:
    """Every channel by the kind that subscriptions ask for it by; in the loop that sends."""
    names = [module.name for module in pkgutil.iter_modules(channels.__path__)]
    modules = [import_module(f"{channels.__name__}.{name}") for name in names]
    opened = [module.open_channel(context) for module in modules if hasattr(module, "open_channel")]
    return {channel.kind: channel for channel in opened}
