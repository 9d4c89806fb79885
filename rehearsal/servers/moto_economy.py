"""What moto works out anew at every start or every request, worked out once. To be imported before any service of moto."""

import functools

import boto3

# moto makes a session for each look at the list of regions, and each session reads all of botocore's regions.
boto3.Session = functools.cache(boto3.Session)

import moto.core.responses
import moto.core.utils
from moto.core.base_backend import AccountSpecificBackend
from moto.ec2.models import tags
from moto.ec2.models.core import TaggedEC2Resource
from moto.iam.models import AWSManagedPolicy, IAMBackend, iam_backends
from moto.iam.utils import random_policy_id
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

# That session has loaded a service's model already, to learn the service's regions.
moto.core.utils.create_loader = lambda: AccountSpecificBackend.get_session()._loader

# moto inspects the whole class that answers for a service, for its methods' names.
moto.core.responses.method_names_from_class = functools.cache(moto.core.utils.method_names_from_class)

# moto reads its own folder, then tries the addresses of all services.
DomainDispatcherApplication.get_backend_for_host = functools.lru_cache(DomainDispatcherApplication.get_backend_for_host)


CHARACTERS_OF_A_POLICY_ID = len(random_policy_id()) - 1
# What the definitions of AWS's own policies say, in their order.
defined = []


def policies_of_the_one_partition(self, make=IAMBackend._init_aws_policies):
    """
    moto makes AWS's own policies for each of six partitions, and the account is in one. The ids of the rest are drawn all the same:
    those that are drawn next have to stay as they are in the states of homes that are there. It reads the definitions each time anew.
    """
    if self.partition != "aws":
        for _ in range(CHARACTERS_OF_A_POLICY_ID * len(iam_backends[self.account_id]["aws"].aws_managed_policies)):
            mock_random.random()
        return []
    if defined:
        return [AWSManagedPolicy(account_id=self.account_id, region=self.region_name, **policy) for policy in defined]
    policies = make(self)
    defined.extend(
        {
            "name": policy.name,
            "default_version_id": policy.default_version_id,
            "path": policy.path,
            "document": policy.versions[0].document,
            "create_date": policy.create_date,
            "update_date": policy.update_date,
        }
        for policy in policies
    )
    return policies


IAMBackend._init_aws_policies = policies_of_the_one_partition


def tags_of_one(self):
    """moto matches the tags of all resources against the id of the one that is asked for."""
    own = self.ec2_backend.tags.get(self.id) or {}
    kind = tags.EC2_PREFIX_TO_RESOURCE.get(tags.get_prefix(self.id), "") if own else ""
    return [{"resource_id": self.id, "key": key, "value": value, "resource_type": kind} for key, value in own.items()]


TaggedEC2Resource.get_tags = tags_of_one
