package report

import "strings"

// shortest is how long a text must be that a search looks for: shorter ones
// would have it look at every byte.
const shortest = 10

// search finds which of many rare texts a line has, in one pass that steps over
// most of its bytes (Wu and Manber, 1994, with blocks of two bytes).
type search struct {
	window int // bytes: the length of the shortest text
	texts  []needle
	// step is how far a block at the end of the window lets it go on; where it is
	// 0, the texts of ends may begin with the window.
	step [1 << 12]uint8
	ends [1 << 12][]needle
}

// needle is a text with the bits of those who look for it.
type needle struct {
	text string
	bits uint64
}

func block(a, b byte) int { return (int(a)<<4 ^ int(b)) & (1<<12 - 1) }

// add has bits looked for, too, by texts of at least shortest bytes.
func (s *search) add(texts []string, bits uint64) {
	for _, t := range texts {
		s.texts = append(s.texts, needle{t, bits})
	}
}

// prepare is called once, before in.
func (s *search) prepare() {
	s.window = 255
	for _, n := range s.texts {
		s.window = min(s.window, len(n.text))
	}
	for i := range s.step {
		s.step[i] = uint8(s.window - 1)
	}
	for _, n := range s.texts {
		for i := 1; i < s.window; i++ {
			b := block(n.text[i-1], n.text[i])
			s.step[b] = min(s.step[b], uint8(s.window-1-i))
		}
		b := block(n.text[s.window-2], n.text[s.window-1])
		s.ends[b] = append(s.ends[b], n)
	}
}

// in returns the bits of all texts that the line has.
func (s *search) in(line string) (bits uint64) {
	for i := s.window - 1; i < len(line); {
		b := block(line[i-1], line[i])
		step := int(s.step[b])
		if step == 0 {
			for _, n := range s.ends[b] {
				if strings.HasPrefix(line[i+1-s.window:], n.text) {
					bits |= n.bits
				}
			}
			step = 1
		}
		i += step
	}
	return bits
}
