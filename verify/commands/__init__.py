"""The commands of the command line, one file each; a command is imported when it is called."""
