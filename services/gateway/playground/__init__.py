"""The playground: a page in which people try the service, made of packaged files as they are."""
