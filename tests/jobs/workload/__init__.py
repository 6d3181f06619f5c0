"""An installed app for the worker of the tests: jobs that do little, slowly, or badly."""
