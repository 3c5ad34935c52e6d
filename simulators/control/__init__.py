"""The control plane of the simulators: `contracts/control.yaml`, the operations whose x-sides name this side."""
