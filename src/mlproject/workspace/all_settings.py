"""All conf files at once, checked before anything is computed."""

from mlproject.config.loading import load_config
from mlproject.config.study import StudyConfig
from mlproject.errors import ConfigError, did_you_mean
from mlproject.workspace.paths import Workspace
from mlproject.workspace.settings import data_config, features_config
from mlproject.workspace.task_settings import evaluation_config, experiment_config, task_config, task_names

__all__ = ["check_all_configs", "study_config"]


def study_config(workspace: Workspace) -> StudyConfig:
    """Read conf/study.yaml."""
    return load_config(StudyConfig, workspace.conf / "study.yaml")


def check_all_configs(workspace: Workspace) -> None:
    """Read every conf file, so that a mistake in one is reported before anything is computed."""
    data_config(workspace), features_config(workspace), study_config(workspace)
    tasks = {name: task_config(workspace, name) for name in task_names(workspace)}
    for name in evaluation_config(workspace).ablation:
        if name not in tasks:
            raise ConfigError(f"evaluation.yaml: ablation names {name!r}; {did_you_mean(name, tasks)}")
    for name, inputs in experiment_config(workspace).tasks.items():
        if name not in tasks:
            raise ConfigError(f"experiment.yaml: tasks names {name!r}; {did_you_mean(name, tasks)}")
        # DVC reads this line, so that a change of lyrics leaves tasks that read none as they are.
        if inputs.reads_lyrics != (tasks[name].blocks.lyrics is not None):
            raise ConfigError(
                f"experiment.yaml: {name} has features: {inputs.features}, but blocks.lyrics of tasks/{name}.yaml is "
                f"{tasks[name].blocks.lyrics or 'null'}; write features: {inputs.other}"
            )
