"""The graph of a whole library, to be looked at and gone through.

One library's edges are kept as columns (``indexes.edges``) while nothing is written; each question
is a few array operations over them, and SQL for the names and quotations of what is shown. So a
click costs milliseconds in a library of a hundred thousand facts, and the first one after a write a
third of a second. Safe to share between threads.
"""

from indexes.library import Library
from kgrag.explorer.around import neighbours, path
from kgrag.explorer.contradictions import contradictions
from kgrag.explorer.entities import entity_card, facets, find_entities
from kgrag.explorer.fact_pages import ExportedFacts, fact_page
from kgrag.explorer.listing import one_fact
from kgrag.explorer.overview import overview
from kgrag.explorer.records import (
    Contradiction,
    EntityCard,
    Facets,
    FactPage,
    FactSort,
    FoundEntity,
    Graph,
    GraphFilter,
    ListedFact,
    Timeline,
)
from kgrag.explorer.selection import FactQuery
from kgrag.explorer.tables import TableCache
from kgrag.explorer.timeline import timeline

EVERYTHING = GraphFilter()


class Explorer:
    """Looks at the graph of one library.

    Every method raises ``LibraryDamagedError`` where the database cannot be read.
    """

    def __init__(self, library: Library) -> None:
        self._cache = TableCache(library)

    def overview(self, where: GraphFilter = EVERYTHING, *, limit: int = 300) -> Graph:
        """Return the best connected entities, at most 2,000, and the surest edges among them.

        Dates, numbers and the like are left out unless the filter names their types: they join
        strangers.
        """
        with self._cache.reading() as reading:
            return overview(reading, where, limit)

    def neighbours(self, entity: str, *, limit: int = 50, where: GraphFilter = EVERYTHING) -> Graph:
        """Return the surest facts about an entity, the surest first; it is the first node.

        Raises
        ------
        EntityNotFoundError
            There is no such entity.
        """
        with self._cache.reading() as reading:
            return neighbours(reading, entity, limit, where)

    def path(self, first: str, second: str) -> Graph:
        """Return the surest of the shortest ways between two entities, at most six facts long.

        Nodes and edges stand in the order of the way. Without one there are no edges.

        Raises
        ------
        EntityNotFoundError
            One of them is not there.
        """
        with self._cache.reading() as reading:
            return path(reading, first, second)

    def find(self, text: str, limit: int = 20) -> tuple[FoundEntity, ...]:
        """Return the entities that a name, or the beginnings of its words, may mean.

        Whole names come first, then the best known; without a text, the best known of all.
        """
        with self._cache.reading() as reading:
            return find_entities(reading, text, limit)

    def entity(self, id_: str) -> EntityCard:
        """Return what is known of an entity.

        Raises
        ------
        EntityNotFoundError
            There is no such entity.
        """
        with self._cache.reading() as reading:
            return entity_card(reading, id_)

    def fact(self, subject: str, relation: str, object_: str) -> ListedFact:
        """Return a fact by the ids of its parts, with up to 50 quotations, the surest first.

        Raises
        ------
        FactNotFoundError
            No document states it.
        """
        with self._cache.reading() as reading:
            return one_fact(reading, (subject, relation, object_))

    def facts(
        self,
        asked: FactQuery = FactQuery(),  # noqa: B008  (frozen)
        *,
        sort: FactSort = "confidence",
        descending: bool = True,
        limit: int = 50,
        offset: int = 0,
        language: str = "en",
    ) -> FactPage:
        """Return some of the facts that are asked for, with up to five quotations each.

        ``language`` is that of the labels by which relations are sorted.
        """
        with self._cache.reading() as reading:
            return fact_page(
                reading,
                asked,
                sort,
                descending=descending,
                limit=limit,
                offset=offset,
                language=language,
            )

    def export(self, asked: FactQuery = FactQuery()) -> ExportedFacts:  # noqa: B008  (frozen)
        """Return all facts that are asked for, to be written in any of ``kgrag.export.FORMATS``."""
        return ExportedFacts(self._cache, asked)

    def facets(self) -> Facets:
        """Return by what the graph can be filtered."""
        with self._cache.reading() as reading:
            return facets(reading)

    def timeline(self, query: str = "", *, limit: int = 200, offset: int = 0) -> Timeline:
        """Return dated facts, the earliest first; ``query`` is as in ``FactQuery``."""
        with self._cache.reading() as reading:
            return timeline(reading, query, limit, offset)

    def contradictions(self, limit: int = 100) -> tuple[Contradiction, ...]:
        """Return facts that cannot all be true, those that most documents speak to first."""
        with self._cache.reading() as reading:
            return contradictions(reading, limit)
