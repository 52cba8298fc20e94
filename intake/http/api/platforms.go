package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

// Platform is one.
type Platform struct {
	ID         int64  `json:"id"`
	Name       string `json:"name" maxLength:"20" doc:"In addresses and labels"`
	PrettyName string `json:"pretty_name" maxLength:"60"`
}

// PlatformBody is what a platform is made of.
type PlatformBody struct {
	Name       *string `json:"name,omitempty" maxLength:"20"`
	PrettyName *string `json:"pretty_name,omitempty" maxLength:"60"`
}

// OnePlatform names one in a path.
type OnePlatform struct {
	Name string `path:"name" maxLength:"20"`
}

type platformAnswer struct{ Body Platform }

func platformOf(p model.Platform) Platform { return Platform(p) }

func (a *API) platformRoutes() {
	huma.Register(a.huma, operation(http.MethodGet, "/platforms/", "platforms_list", tagPlatforms, "Platforms", http.StatusOK, 400, 403),
		func(ctx context.Context, in *Paging) (*Listed[Platform], error) {
			all, err := a.Tickets.Platforms(ctx, who(ctx))
			if err != nil {
				return nil, a.refuse(ctx, err)
			}
			s := in.slice()
			var rows []Platform
			for _, p := range all[min(s.Offset, len(all)):min(s.Offset+s.Limit, len(all))] {
				rows = append(rows, platformOf(p))
			}
			return listed(in, a.base(ctx), rows, len(all)), nil
		})
	huma.Register(a.huma, operation(http.MethodPost, "/platforms/", "platforms_create", tagPlatforms, "Add a platform; administrators may", http.StatusCreated, 400, 403),
		func(ctx context.Context, in *struct{ Body PlatformBody }) (*platformAnswer, error) {
			p, err := in.Body.over(model.Platform{}, true)
			if err == nil {
				p, err = a.Tickets.CreatePlatform(ctx, who(ctx), p)
			}
			return a.platformAnswer(ctx, p, err)
		})
	huma.Register(a.huma, operation(http.MethodGet, "/platforms/{name}/", "platforms_read", tagPlatforms, "A platform", http.StatusOK, 403, 404),
		func(ctx context.Context, in *OnePlatform) (*platformAnswer, error) {
			p, err := a.Tickets.Platform(ctx, who(ctx), in.Name)
			return a.platformAnswer(ctx, p, err)
		})
	for _, method := range []string{http.MethodPut, http.MethodPatch} {
		id, required := "platforms_update", true
		if method == http.MethodPatch {
			id, required = "platforms_partial_update", false
		}
		huma.Register(a.huma, operation(method, "/platforms/{name}/", id, tagPlatforms, "Change a platform; administrators may", http.StatusOK, 400, 403, 404),
			func(ctx context.Context, in *struct {
				OnePlatform
				Body PlatformBody
			},
			) (*platformAnswer, error) {
				p, err := a.Tickets.Platform(ctx, who(ctx), in.Name)
				if err == nil {
					p, err = in.Body.over(p, required)
				}
				if err == nil {
					p, err = a.Tickets.UpdatePlatform(ctx, who(ctx), in.Name, p)
				}
				return a.platformAnswer(ctx, p, err)
			})
	}
	huma.Register(a.huma, operation(http.MethodDelete, "/platforms/{name}/", "platforms_delete", tagPlatforms, "Delete a platform with all its tickets and archives; administrators may", http.StatusNoContent, 403, 404),
		func(ctx context.Context, in *OnePlatform) (*struct{}, error) {
			return nil, a.refuse(ctx, a.Tickets.DeletePlatform(ctx, who(ctx), in.Name))
		})
}

func (a *API) platformAnswer(ctx context.Context, p model.Platform, err error) (*platformAnswer, error) {
	var e *Error
	switch {
	case errors.As(err, &e):
		return nil, e
	case errors.Is(err, model.ErrExists):
		return nil, wrongField("name", "platform with this name already exists.")
	case err != nil:
		return nil, a.refuse(ctx, err)
	}
	return &platformAnswer{platformOf(p)}, nil
}

// over puts what a body has over a platform.
func (b *PlatformBody) over(p model.Platform, required bool) (model.Platform, error) {
	if required && b.Name == nil {
		return p, wrongField("name", "This field is required.")
	}
	if required && b.PrettyName == nil {
		return p, wrongField("pretty_name", "This field is required.")
	}
	if b.Name != nil {
		p.Name = *b.Name
	}
	if b.PrettyName != nil {
		p.PrettyName = *b.PrettyName
	}
	return p, nil
}
