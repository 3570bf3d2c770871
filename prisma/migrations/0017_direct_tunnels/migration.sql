-- Where a host may be reached by the others of its pairs, as it last told: {candidates, nat}. Null: it has told nothing.
ALTER TABLE "Host"
  ADD COLUMN "overlayCandidates" JSONB,
  ADD CHECK (jsonb_typeof("overlayCandidates") = 'object');
