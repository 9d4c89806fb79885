"""Where moto 5.2.5 answers otherwise than AWS does, or a journal needs, and the program would meet it."""

import moto.ec2.models.subnets
import moto.ec2.responses.instances
from moto.core.types import Base64EncodedString
from moto.ec2.models.iam_instance_profile import IamInstanceProfileAssociationBackend
from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule
from moto.ec2.models.subnets import SubnetBackend
from moto.moto_api._internal import mock_random
from moto.s3.models import FakeMultipart
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend

ASKED_ID_TAG = "rehearsal-id"


def amend():
    show_descriptions_of_group_rules()
    change_groups_of_rules()
    change_profiles_of_instances()
    take_changed_user_data_as_it_arrives()
    give_subnets_the_ids_asked_for()
    draw_ids_of_uploads_as_other_ids()
    raise_quota_of_rules_in_a_group()
    have_people_confirm_their_addresses()


def show_descriptions_of_group_rules():
    """moto keeps the description of every rule, but shows only those of rules about addresses."""
    SecurityGroupRule.description = property(
        lambda rule: rule.ip_range.get("Description") or rule.source_group.get("Description")
    )


def change_groups_of_rules():
    """moto ignores the group when a rule is changed: findings/moto-rule-keeps-its-group.sh."""
    modify = SecurityGroupBackend.modify_security_group_rules

    def modify_security_group_rules(self, group_id, rules):
        modify(self, group_id, rules)
        for rule_id, asked in rules.items():
            rule = self.get_security_group_by_name_or_id(group_id).get_rule(rule_id)
            if rule.source_group and asked.get("ReferencedGroupId"):
                rule.source_group["GroupId"] = asked["ReferencedGroupId"]

    SecurityGroupBackend.modify_security_group_rules = modify_security_group_rules


def change_profiles_of_instances():
    """moto replaces the profile in the association, but not in the instance."""
    replace = IamInstanceProfileAssociationBackend.replace_iam_instance_profile_association

    def replace_iam_instance_profile_association(self, association_id, *args, **kwargs):
        association = replace(self, association_id, *args, **kwargs)
        profile = {"Arn": association.iam_instance_profile.arn, "Id": association_id}
        self.modify_instance_attribute(association.instance_id, "iam_instance_profile", profile)
        return association

    IamInstanceProfileAssociationBackend.replace_iam_instance_profile_association = replace_iam_instance_profile_association


def take_changed_user_data_as_it_arrives():
    """A change of user data reaches moto decoded, and moto then wants to decode it once more."""
    parse = moto.ec2.responses.instances.parse_user_data
    moto.ec2.responses.instances.parse_user_data = (
        lambda value: Base64EncodedString.from_raw_bytes(value) if isinstance(value, bytes) else parse(value)
    )


def give_subnets_the_ids_asked_for():
    """A tenant's file may name a subnet by its id in production, so that the same id has to exist here; AWS would draw one."""
    create = SubnetBackend.create_subnet
    draw = moto.ec2.models.subnets.random_subnet_id

    def create_subnet(self, *args, tags=None, **kwargs):
        asked = ((tags or {}).get("subnet") or {}).get(ASKED_ID_TAG)
        # Requests are carried out one at a time, so that no other subnet can take this id meanwhile.
        moto.ec2.models.subnets.random_subnet_id = lambda: asked or draw()
        try:
            return create(self, *args, tags=tags, **kwargs)
        finally:
            moto.ec2.models.subnets.random_subnet_id = draw

    SubnetBackend.create_subnet = create_subnet


def draw_ids_of_uploads_as_other_ids():
    """moto takes the id of a multipart upload from the system, so that a journal carried out again would not know its own uploads."""
    make = FakeMultipart.__init__

    def make_with_drawn_id(self, *args, **kwargs):
        make(self, *args, **kwargs)
        self.id = mock_random.get_random_hex(64)

    FakeMultipart.__init__ = make_with_drawn_id


def raise_quota_of_rules_in_a_group():
    """AWS gives an account up to a thousand rules in a group on demand, which a large fleet needs; moto knows the first quota alone."""
    verify = SecurityGroupBackend._verify_group_will_respect_rule_count_limit
    first, raised = 60, 1000

    def verify_with_raised_quota(self, group, current_rule_nb, *args, **kwargs):
        verify(self, group, max(0, current_rule_nb - (raised - first)), *args, **kwargs)

    SecurityGroupBackend._verify_group_will_respect_rule_count_limit = verify_with_raised_quota


def have_people_confirm_their_addresses():
    """moto takes an e-mail address for confirmed at once. Here nobody reads the message, and so nobody ever confirms."""
    subscribe, unsubscribe = SNSBackend.subscribe, SNSBackend.unsubscribe

    def subscribe_pending(self, topic_arn, endpoint, protocol):
        subscription = subscribe(self, topic_arn, endpoint, protocol)
        if protocol == "email":
            subscription.attributes.update(PendingConfirmation=True, ConfirmationWasAuthenticated=False)
        return subscription

    def unsubscribe_confirmed(self, subscription_arn):
        found = self.subscriptions.get(subscription_arn)
        if found and found.attributes["PendingConfirmation"]:
            raise SNSInvalidParameter("Invalid parameter: SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation")
        unsubscribe(self, subscription_arn)

    SNSBackend.subscribe, SNSBackend.unsubscribe = subscribe_pending, unsubscribe_confirmed
