package store

// Retain drops the days that are older than Options.MaxAge, and the oldest ones
// as long as the store takes more than Options.MaxBytes.
func (s *Store) Retain() error {
	today := dayOf(s.o.Now().UnixNano())
	list := s.days.list()
	if s.o.MaxAge > 0 {
		limit := s.o.Now().Add(-s.o.MaxAge).UnixNano()
		for len(list) > 0 && limit > 0 && list[0] < dayOf(limit) {
			if err := s.forget(list[0]); err != nil {
				return err
			}
			list = list[1:]
		}
	}
	for s.o.MaxBytes > 0 && len(list) > 0 {
		sum := s.days.size()
		if sum <= s.o.MaxBytes {
			return nil
		}
		if list[0] >= today {
			s.log.Warn("the entries of today alone take more than the store may; raise the limit", "bytes", sum, "limit", s.o.MaxBytes)
			return nil
		}
		s.log.Info("a day is dropped: the store is full", "day", list[0].fileName(), "bytes", sum, "limit", s.o.MaxBytes)
		if err := s.forget(list[0]); err != nil {
			return err
		}
		list = list[1:]
	}
	return nil
}

// forget drops a day, and streams that have nothing left.
func (s *Store) forget(d day) error {
	s.flush.one.Lock()
	defer s.flush.one.Unlock()
	s.view.Lock()
	defer s.view.Unlock()
	if err := s.days.remove(d); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for text, st := range s.streams {
		st.mu.Lock()
		kept := st.days[:0:0]
		for _, at := range st.days {
			if at != d {
				kept = append(kept, at)
			}
		}
		if len(kept) < len(st.days) {
			s.known.forget(st.id, d)
			st.days = kept
			if st.gone = len(kept) == 0 && st.head == nil && len(st.full) == 0; st.gone {
				delete(s.streams, text)
			}
		}
		st.mu.Unlock()
	}
	return nil
}
