#!/usr/bin/python3
"""The yardstick of the render bench: an inventory read by PyYAML, its pg_hba.conf files by Jinja2.

  render_jinja.py INVENTORY FOLDER
"""
import pathlib
import sys

import jinja2
import yaml

HERE = pathlib.Path(__file__).resolve().parent


def main(inventory, folder):
    with open(inventory, encoding="utf-8") as handle:
        every = yaml.load(handle, Loader=yaml.CSafeLoader)["all"]
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True,
                                     loader=jinja2.FileSystemLoader(HERE))
    template = environment.get_template("pg_hba.conf.j2")
    common = {"pg_dbsu": "postgres", "pg_replication_username": "replicator",
              "pg_monitor_username": "dbuser_monitor", "pg_admin_username": "dbuser_dba",
              "pg_offline_query": False, "node_firewall_intranet":
              ["10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"], **every["vars"]}
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    for group in every["children"].values():
        for host, variables in group["hosts"].items():
            facts = {**common, **group.get("vars", {}), **variables}
            instance = f"{facts['pg_cluster']}-{facts['pg_seq']}"
            text = template.render(facts, instance=instance, members=[f"{host}/32"],
                                   rules=facts["pg_default_hba_rules"] + facts["pg_hba_rules"])
            (folder / f"{instance}.pg_hba.conf").write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
