// The SDK's notice about the end of its support for Node 20 is for whoever chooses its version; here it is pinned, and a person who
// runs a command could do nothing about it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
