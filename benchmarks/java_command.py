"""The command lines of the Java halves of benchmarks."""

import os


def java(classes, main, *arguments, heap="512m"):
    home = os.environ.get("JAVA_HOME")
    return [f"{home}/bin/java" if home else "java", f"-Xmx{heap}", "-cp", classes, "-Dorg.bytedeco.javacpp.maxbytes=0",
            "-Dorg.bytedeco.javacpp.maxphysicalbytes=0", f"dev.preceptor.benchmarks.{main}", *arguments]
