"""Whether the process lives, and whether it can answer."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from server.dependencies import CurrentHolder
from server.holder import NotReadyError
from server.problems import RETRY_SECONDS, problem

router = APIRouter(tags=["operation"])


class Health(BaseModel):
    """The process is alive."""

    status: str


class Readiness(BaseModel):
    """Questions can be answered; `problem` says why not from what was published last."""

    status: str
    generation: str
    problem: str | None = None


@router.get("/healthz", operation_id="getHealth")
def healthz() -> Health:
    """Tell that the process is alive."""
    return Health(status="alive")


@router.get(
    "/readyz",
    operation_id="getReadiness",
    response_model=Readiness,
    response_model_exclude_none=True,
)
def readyz(holder: CurrentHolder) -> Readiness | JSONResponse:
    """Tell whether questions can be answered, from which generation, and what is wrong."""
    try:
        generation = holder.current().generation.id
    except NotReadyError as error:
        return problem(503, str(error), headers={"Retry-After": RETRY_SECONDS})
    return Readiness(status="ready", generation=generation, problem=holder.problem)
