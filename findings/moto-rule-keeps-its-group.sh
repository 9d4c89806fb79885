#!/usr/bin/env bash
# moto 5.2.5: a change of a security group rule to another group is answered with success, and changes nothing.
#
# One would expect that ModifySecurityGroupRules with a new ReferencedGroupId changes the group that the rule lets in, as EC2 does, or
# fails as not implemented. moto changes ports, protocol and address ranges of a rule, passes over the group, and answers Return: true.
#
# Seen in November 2026:
#   answer: True, the rule lets in: the first group (asked for: the second)
#
# So the rehearsal amends moto: rehearsal/servers/moto_amendments.py, change_groups_of_rules.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf -- "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[ec2]==5.2.5' boto3==1.44.5 botocore==1.44.5
cat >"$folder/rule.py" <<'PY'
import sys

import boto3
from moto import mock_aws

with mock_aws():
    ec2 = boto3.client("ec2", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    database, first, second = [
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for name in ["database", "first", "second"]
    ]
    port = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432}
    made = ec2.authorize_security_group_ingress(
        GroupId=database, IpPermissions=[{**port, "UserIdGroupPairs": [{"GroupId": first}]}]
    )
    rule = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    change = {"SecurityGroupRuleId": rule, "SecurityGroupRule": {**port, "ReferencedGroupId": second}}
    answer = ec2.modify_security_group_rules(GroupId=database, SecurityGroupRules=[change])["Return"]
    found = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule])["SecurityGroupRules"][0]
    group = found["ReferencedGroupInfo"]["GroupId"]
    names = {first: "the first group", second: "the second group"}
    print(f"answer: {answer}, the rule lets in: {names[group]} (asked for: the second)")
    sys.exit(0 if answer and group == first else 1)
PY
"$folder/venv/bin/python" "$folder/rule.py"
