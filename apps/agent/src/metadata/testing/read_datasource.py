"""Runs cloud-init's own data source in this network namespace, and prints what it made of the metadata as JSON.

argv: a folder to write in, and {"dialect", "dmi": {"system-uuid": ...}}. The module path is the caller's. Replaced are only the
firmware's strings (there is no firmware here), what tells a physical interface (here a veth), and time-outs.
"""
import json
import os
import sys

scratch, asked = sys.argv[1], json.loads(sys.argv[2])

from cloudinit import dmi, helpers, util  # noqa: E402

dmi.read_dmi_data = lambda key: asked["dmi"].get(key)
util.is_x86 = lambda *_: True
util.is_container = lambda *_: False
# It asks DNS for names that cannot be, for half a minute where there is no DNS; the service has addresses only.
util.is_resolvable_url = lambda *_: True

from cloudinit import distros, version  # noqa: E402
from cloudinit.net import network_state  # noqa: E402

MODULES = {"openstack": "OpenStack", "ec2": "Ec2", "digitalocean": "DigitalOcean", "nocloud": "NoCloud"}
name = MODULES[asked["dialect"]]
module = __import__(f"cloudinit.sources.DataSource{name}", fromlist=["*"])
make = getattr(module, f"DataSource{name}Net" if name == "NoCloud" else f"DataSource{name}")

paths = helpers.Paths({"cloud_dir": f"{scratch}/cloud", "run_dir": f"{scratch}/run", "templates_dir": "/nonexistent"})
for folder in ("cloud/seed", "cloud/data", "run"):
    os.makedirs(f"{scratch}/{folder}", exist_ok=True)
distro = distros.fetch("debian")("debian", {}, paths)
distro.networking.is_physical = lambda device: device != "lo"
settings = {"max_wait": 20, "timeout": 5, "retries": 2}
source = make({"datasource": {name: settings}, "datasource_list": [name]}, distro, paths)

# Newer releases look at the firmware apart, in get_data's first step.
recognised = source.ds_detect() if hasattr(source, "ds_detect") else True
found = recognised and source._get_data()


def text(value):
    return value.decode() if isinstance(value, bytes) else value


report = {"version": getattr(version, "__VERSION__", "?"), "found": bool(found)}
if found:
    hostname = source.get_hostname()
    network = source.network_config
    message = source.get_userdata(apply_filter=True)
    report.update(
        dsmode=source.dsmode,
        instanceId=source.get_instance_id(),
        hostname=getattr(hostname, "hostname", hostname),
        publicKeys=source.get_public_ssh_keys(),
        userData=text(source.get_userdata_raw()),
        vendorData=text(source.get_vendordata_raw()),
        networkConfig=network,
        parts=[
            {"type": part.get_content_type(), "content": text(part.get_payload(decode=True))}
            for part in (message.walk() if message else [])
            if part.get_content_maintype() != "multipart"
        ],
        interfaces=[
            {
                "name": each["name"],
                "mac": each.get("mac_address"),
                "subnets": [
                    {key: subnet.get(key) for key in ("type", "address", "prefix", "gateway")}
                    | {"routes": [[r.get("network"), r.get("prefix"), r.get("gateway")] for r in subnet.get("routes", [])]}
                    for subnet in each["subnets"]
                ],
            }
            for each in (network_state.parse_net_config_data(network).iter_interfaces() if network else [])
        ],
    )
print("REPORT " + json.dumps(report, default=str))
